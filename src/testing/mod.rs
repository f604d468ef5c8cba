//! What tests stand on: sites in temporary folders, and servers on the loopback interface.
//!
//! Only [`smtp_sink`] is in the program: it is the mail server of the demonstration.

#[cfg(test)]
pub mod dns_server;
#[cfg(test)]
pub mod mail_site;
#[cfg(test)]
pub mod pipeline;
pub mod smtp_sink;
