//! The binary and the house around it, from outside.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod bad_input;
mod basics;
mod crash;
mod crowd;
mod every_change;
mod example;
mod frameworks;
mod house;
mod init;
mod run;
mod shapes;
mod spectrum;
mod unread;
