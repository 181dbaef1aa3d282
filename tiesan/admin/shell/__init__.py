"""What every page stands in: frame, navigation, language, signing in, protection."""
