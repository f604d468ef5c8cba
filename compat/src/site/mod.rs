//! A site of Mailman: where its files are, what its settings are, its logs, its templates and message catalogues.
//!
//! A site is a folder (Mailman's `prefix`). Its settings come from its own `Mailman/Defaults.py` and `mm_cfg.py`, read
//! by [`crate::pyconfig`]; where there is no `Defaults.py` (the Python was removed), tables in [`defaults`] stand in
//! for the version that the site had. Everything else is found through the settings, as in Python: a moved queue
//! directory, say, is honoured because `INQUEUE_DIR` is asked and nothing is put together from the prefix.

pub mod catalog;
pub mod defaults;
mod find;
pub mod history;
pub mod language;
pub mod log;
mod open;
pub mod own;
pub mod profile;
pub mod settings;
mod switches;
pub mod template;
mod texts;
pub mod wrap;

pub use catalog::{fingerprint, Translation};
pub use log::ErrorLog;
pub use profile::{Profile, Switch, Version};
pub use settings::{Origin, SettingError, Settings};
pub use template::{ForList, TemplateError};
pub use wrap::wrap;

use crate::email::sender::SenderRules;
use crate::pyconfig::ConfigError;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Why a site cannot be worked on.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// No folder that looks like a site.
    #[error("no Mailman site found: set MAILMAN_PREFIX to its folder (looked in {looked})")]
    NotFound { looked: String },
    /// The folder has no `Mailman` directory.
    #[error("{} is no Mailman site: it has no folder Mailman with the site's mm_cfg.py", .0.display())]
    NotASite(PathBuf),
    /// The settings go beyond what is understood, or Python would refuse them too.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A version that this program does not know.
    #[error("{}: version {version} of Mailman is not supported (2.1.x is)", path.display())]
    Version { path: PathBuf, version: String },
    /// A file that must be read could not be.
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: std::io::Error },
}

/// One site, opened. It is shared by everything that works on it.
pub struct Site {
    /// The folder in which `Mailman/` was found. The directories of data are in the settings.
    pub home: PathBuf,
    /// The settings: `mm_cfg`, in Mailman's words.
    pub settings: Settings,
    /// How the site behaves where versions differ.
    pub profile: Profile,
    logs: log::Logs,
    history: history::History,
    catalogues: RefCell<catalog::Catalogues>,
    origin: RefCell<Option<crate::ByteStr>>,
}

impl Site {
    /// The site of this process: `MAILMAN_PREFIX`, else the folder above the one that the command was called from,
    /// else Debian's place.
    ///
    /// # Errors
    /// A folder that is no site, or settings that cannot be evaluated.
    pub fn find() -> Result<Rc<Site>, SiteError> {
        Site::open(&find::home()?)
    }

    /// The site of a program in one of its folders, for a program that must not believe its environment or its name.
    ///
    /// # Errors
    /// The program's place is not known; then as [`Site::open`].
    pub fn around_program() -> Result<Rc<Site>, SiteError> {
        Site::open(&find::above_program()?)
    }

    /// Opens a site by its folder.
    ///
    /// # Errors
    /// A folder that is no site, or settings that cannot be evaluated.
    pub fn open(home: &Path) -> Result<Rc<Site>, SiteError> {
        // Its settings must lead there from everywhere.
        let home = std::path::absolute(home).unwrap_or_else(|_| home.to_path_buf());
        Site::open_as(&home, &home)
    }

    /// Opens a site whose settings lie elsewhere, on their way to or from its folder.
    ///
    /// # Errors
    /// As [`Site::open`].
    pub fn open_as(files: &Path, home: &Path) -> Result<Rc<Site>, SiteError> {
        let (settings, version) = open::load(files, home)?;
        settings.charsets().iter().for_each(settings::Charset::register);
        Ok(Rc::new(Site::assemble(home, settings, version)))
    }

    /// A site with nothing but the built-in tables of a version: no file is read.
    pub fn bare(home: &Path, version: Version) -> Rc<Site> {
        Rc::new(Site::assemble(home, defaults::settings(version, home), version))
    }

    fn assemble(home: &Path, mut settings: Settings, version: Version) -> Site {
        let profile = match own::newest_behaviour(&settings) {
            true => Profile::newest(version),
            false => Profile::new(version),
        };
        if own::newest_behaviour(&settings) {
            defaults::complete(&mut settings, home);
        }
        let is_utf8 = log::is_utf8(home);
        let logs = log::Logs::new(&settings, &profile, is_utf8);
        let history = history::History::new(&settings, &profile, is_utf8);
        Site {
            home: home.to_path_buf(),
            settings,
            profile,
            logs,
            history,
            catalogues: RefCell::default(),
            origin: RefCell::default(),
        }
    }

    /// Whether this is a site of Debian since jessie, whose Python speaks utf-8 wherever nothing else is said.
    pub fn is_utf8(&self) -> bool {
        self.log_charset() == "utf-8"
    }

    /// The charset of the logs: `iso-8859-1`, or `utf-8` on Debian's sites since jessie.
    pub fn log_charset(&self) -> &'static str {
        self.logs.charset()
    }

    /// How `get_sender` and `get_senders` read this site's messages.
    pub fn sender_rules(&self) -> SenderRules {
        SenderRules {
            sender_first: self.settings.truth(settings::USE_ENVELOPE_SENDER),
            decode_first: !self.profile.has(Switch::SenderFromRawHeader),
            keep_case: false,
        }
    }

    /// Adds an entry to a log, such as `vette`. Control characters in it are made visible, and a line end where what
    /// follows would look like an entry of its own.
    pub fn log(&self, name: &str, text: impl AsRef<[u8]>) {
        self.logs.write(name, text.as_ref());
    }

    /// Adds lines to the error log as one `print` to a runner's or script's stderr does: stamped, with a label.
    pub fn log_stderr(&self, label: &str, text: impl AsRef<[u8]>) {
        self.logs.write_labelled("error", label, text.as_ref());
    }

    /// The error log for a thread of its own.
    pub fn error_log(&self) -> log::ErrorLog {
        self.logs.error_log()
    }

    /// Says who the work in hand is done for, for log lines that name it: a web client's address, `None` for nobody.
    pub fn set_origin(&self, remote: Option<crate::ByteStr>) {
        *self.origin.borrow_mut() = remote;
    }

    /// Who the work in hand is done for, in the words of log lines.
    pub fn origin(&self) -> crate::ByteStr {
        self.origin.borrow().clone().unwrap_or_else(|| "unidentified origin".into())
    }

    /// Notes a change in the history: what was changed on a list (or on the site, where it is empty).
    pub fn record(&self, list: &[u8], what: &[&[u8]]) {
        self.history.record(list, &what.concat());
    }

    /// Says who asks for the changes that follow; `None`: this program.
    pub fn set_actor(&self, who: Option<crate::ByteStr>) {
        self.history.set_actor(who);
    }

    /// The file of the history; `None` where the site wants none.
    pub fn history_file(&self) -> Option<PathBuf> {
        self.history.file()
    }

    /// Closes the logs; the next entry of each opens it anew. For SIGHUP.
    pub fn reopen_logs(&self) {
        self.logs.close();
        self.history.close();
    }
}
