//! One small file a command: arguments in, text out, exit code; nothing else.
