"""The pages: base views, who may see what, theme, templates and static files.

access      who may read, create, edit and void a kind of record; a view states it
viewer      the person who asks, with roles and the organizations in reach
scope       whose rows the person sees: criteria, and the session that always adds them
views       RecordView, the base of a plugin's views; columns, forms, filters, lookups beside it
values      a field's value in words
exporting   CSV and XLSX
evaluating  what a saved record touches is evaluated at once
flag_views, rule_views, people_views, home: the pages that are not about one kind of record
site        puts the pages into an application; navigation beside it
sign_in, language, protection: signing in, the language of a request, headers and error pages
"""
