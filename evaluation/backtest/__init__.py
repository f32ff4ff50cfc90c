"""What Firstline would have done with a company's own history."""
