"""The pages, by place: each has its view, its templates, and nothing of another's.

shell       what every page stands in: frame, navigation, language, signing in, protection
lists       lists of rows: columns, filters, look-ups, exports
forms       forms made from the fields of a class
records     RecordView, the base of a plugin's views
core        what the pages of organizations, cadres and settings have in common
home, flags, rules, people, settings: the places themselves
site        puts the pages into an application

Who may see what is asked in ``tiesan.access``; what a page says comes from ``tiesan.words``.
"""
