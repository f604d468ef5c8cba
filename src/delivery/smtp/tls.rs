//! STARTTLS by rustls. Mailman's Python checks no certificate, and so do we, unless a file of trusted ones is named.

use super::error::SmtpError;
use super::Tls;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{ring, verify_tls12_signature, verify_tls13_signature, CryptoProvider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore, SignatureScheme, StreamOwned,
};
use std::fmt::Display;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

/// A connection under TLS.
pub type TlsStream = StreamOwned<ClientConnection, TcpStream>;

/// Takes an open connection over. The handshake happens with the first bytes.
pub fn wrap(socket: TcpStream, host: &str, tls: &Tls) -> Result<TlsStream, SmtpError> {
    let config = config(tls)?;
    let name = ServerName::try_from(host.to_owned()).map_err(unsuitable)?;
    let connection = ClientConnection::new(Arc::new(config), name).map_err(unsuitable)?;
    Ok(StreamOwned::new(connection, socket))
}

fn unsuitable(error: impl Display) -> SmtpError {
    SmtpError::Unsuitable(format!("TLS: {error}"))
}

fn config(tls: &Tls) -> Result<ClientConfig, SmtpError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(unsuitable)?;
    Ok(match &tls.trusted {
        Some(path) => builder.with_root_certificates(roots(path)?).with_no_client_auth(),
        None => builder.dangerous().with_custom_certificate_verifier(Arc::new(Anyone(provider))).with_no_client_auth(),
    })
}

fn roots(path: &Path) -> Result<RootCertStore, SmtpError> {
    let explain = |error: &dyn Display| unsuitable(format!("{}: {error}", path.display()));
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|e| explain(&e))? {
        store.add(certificate.map_err(|e| explain(&e))?).map_err(|e| explain(&e))?;
    }
    Ok(store)
}

/// Believes every certificate; that the server holds its key is still checked.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
