"""The REST interface: wire schemas, routes and problem details."""
