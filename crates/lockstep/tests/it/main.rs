//! The binary and the house around it, from outside.

mod house;
