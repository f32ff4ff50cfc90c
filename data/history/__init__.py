"""A company's own tickets, as its helpdesk exported them."""
