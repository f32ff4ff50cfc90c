"""What customers are told, in six languages: fixed texts with named places, nothing evaluated."""
