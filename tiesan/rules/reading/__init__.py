"""From text to tree: rule files read, checked place by place, and put together."""
