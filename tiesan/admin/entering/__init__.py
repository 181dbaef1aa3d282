"""From where somebody enters what they did, or what they answer for: one page of big targets."""
