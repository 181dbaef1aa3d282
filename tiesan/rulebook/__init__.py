"""The rule book: administrators write, try, publish and take back rules.

What is published judges by way of ``tiesan.flags.catalog``; this room is how it comes to that.

    texts       rules as texts of their own, and what tells two of them apart
    checking    all that is wrong with a version, at once
    course      from draft to what is in force: who may do what, and when
    services    the same for the command line, which nobody has to approve
"""
