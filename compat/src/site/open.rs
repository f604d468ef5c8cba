//! Reading a site's settings.

use super::{defaults, profile, Settings, SiteError, Version};
use std::path::Path;

pub(super) fn load(home: &Path) -> Result<(Settings, Version), SiteError> {
    Ok((defaults::settings(profile::NEWEST, home), profile::NEWEST))
}
