"""What is drawn of a course: buttons, forms, history, many at once; for every institution alike."""
