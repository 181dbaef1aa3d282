"""What there is of one person: their page, their year, and who of an organization is away."""
