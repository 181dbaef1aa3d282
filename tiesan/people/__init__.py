"""Organizations, cadres, accounts and roles, and what a person may see."""
