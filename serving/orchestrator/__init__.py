"""The order of the work on a ticket, and the policies it follows."""
