"""What is kept of persons: for how long, what of oneself is given out, and who sees it.

Source: 个人信息保护法, articles 17, 28, 44 to 46 and 50.
"""
