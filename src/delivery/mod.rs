//! Delivery to the mail server: chunks of recipients, SMTP connections, VERP, personalised copies.
