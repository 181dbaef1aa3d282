"""The form in which a rule is written: another view of its text.

Each input stands for one place of the text, and what is changed there is changed in the text, which
comes back with the form, the plain words and all that is wrong. So form and text are one rule.

    controls    inputs, rows and blocks, each with its place and what is wrong there
    drawing     what all parts draw from: the text, the kinds of facts, the parameters
    conditions, selections, measures, shapes_of, heading, examples
                the parts of a rule as blocks
    changes     what an input that was changed does to the text
"""
