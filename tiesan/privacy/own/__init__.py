"""What is kept on a person, for that person alone: gathered, packed, and fetched for a few days.

Left out is what is confidential, what rests on it, and that there is any: nothing in what is given
differs by it (个人信息保护法, article 45 with 18, 35 and 37). Of other persons it holds names.
"""
