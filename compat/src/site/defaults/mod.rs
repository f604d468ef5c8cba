//! The default settings of every version, for sites whose Defaults.py is gone.

use super::{Origin, Settings, Version};
use crate::pickle::Value;
use std::path::Path;

/// The defaults of a version for a site in `home`.
pub fn settings(version: Version, home: &Path) -> Settings {
    let mut settings = Settings::default();
    let _ = version;
    for (name, folder) in [("LOG_DIR", "logs"), ("TEMPLATE_DIR", "templates"), ("MESSAGES_DIR", "messages")] {
        settings.set(name, Value::str(home.join(folder).to_string_lossy().as_bytes()), Origin::BuiltIn);
    }
    settings
}
