//! Vendors over real connections.

mod validation;
