//! The binary and the house around it, from outside.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod bad_input;
mod bad_registry;
mod basics;
mod canary;
mod coverage;
mod crash;
mod credentials;
mod crowd;
mod digest;
mod every_change;
mod example;
mod faults;
mod fetch;
mod formatting;
mod frameworks;
mod histories;
mod hostile_design;
mod house;
mod hub_access;
mod hub_decides;
mod hub_metrics;
mod hub_notifications;
mod hub_read;
mod hub_writes;
mod in_the_way;
mod init;
mod mcp;
mod notify;
mod overlapping;
mod run;
mod rush;
mod scaffold;
mod schedule;
mod schemathesis;
mod serve;
mod sessions;
mod shapes;
mod spectrum;
mod standing;
mod storybook;
mod together;
mod unread;
mod watch;
mod work;
