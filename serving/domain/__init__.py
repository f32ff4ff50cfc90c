"""What a support desk is about: tickets, customers, decisions, clocks. No technology."""
