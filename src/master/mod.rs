//! The daemon behind `mailmanctl`: starts the runners, watches them, starts them again, stops them.
