//! Defaults: directories and files, computed from the prefix in the order of Defaults.py.
//!
//! mm_cfg.py is evaluated afterwards: a new VAR_PREFIX or QUEUE_DIR there moves nothing that was computed here.

/// (name, name of the setting that it lies below, rest of the path)
pub(super) static PLACES: &[(&str, &str, &str)] = &[
    ("LIST_DATA_DIR", "VAR_PREFIX", "lists"),
    ("LOG_DIR", "VAR_PREFIX", "logs"),
    ("LOCK_DIR", "VAR_PREFIX", "locks"),
    ("DATA_DIR", "VAR_PREFIX", "data"),
    ("SPAM_DIR", "VAR_PREFIX", "spam"),
    ("WRAPPER_DIR", "EXEC_PREFIX", "mail"),
    ("BIN_DIR", "PREFIX", "bin"),
    ("SCRIPTS_DIR", "PREFIX", "scripts"),
    ("TEMPLATE_DIR", "PREFIX", "templates"),
    ("MESSAGES_DIR", "PREFIX", "messages"),
    ("PUBLIC_ARCHIVE_FILE_DIR", "VAR_PREFIX", "archives/public"),
    ("PRIVATE_ARCHIVE_FILE_DIR", "VAR_PREFIX", "archives/private"),
    ("QUEUE_DIR", "VAR_PREFIX", "qfiles"),
    ("INQUEUE_DIR", "QUEUE_DIR", "in"),
    ("OUTQUEUE_DIR", "QUEUE_DIR", "out"),
    ("CMDQUEUE_DIR", "QUEUE_DIR", "commands"),
    ("BOUNCEQUEUE_DIR", "QUEUE_DIR", "bounces"),
    ("NEWSQUEUE_DIR", "QUEUE_DIR", "news"),
    ("ARCHQUEUE_DIR", "QUEUE_DIR", "archive"),
    ("SHUNTQUEUE_DIR", "QUEUE_DIR", "shunt"),
    ("VIRGINQUEUE_DIR", "QUEUE_DIR", "virgin"),
    ("BADQUEUE_DIR", "QUEUE_DIR", "bad"),
    ("RETRYQUEUE_DIR", "QUEUE_DIR", "retry"),
    ("MAILDIR_DIR", "QUEUE_DIR", "maildir"),
    ("PIDFILE", "DATA_DIR", "master-qrunner.pid"),
    ("SITE_PW_FILE", "DATA_DIR", "adm.pw"),
    ("LISTCREATOR_PW_FILE", "DATA_DIR", "creator.pw"),
];
