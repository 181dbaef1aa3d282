"""How a flag is answered: what people do with it, in which order, and what that leads to."""
