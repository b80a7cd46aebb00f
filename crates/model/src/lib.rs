#![doc = include_str!("../README.md")]

pub mod access;
pub mod address;
pub mod attempt;
pub mod audit;
pub mod callback_url;
pub mod callbacks;
pub mod credentials;
pub mod cut;
pub mod delivery;
pub mod endpoint;
pub mod event;
pub mod signing;
pub mod statistics;
pub mod subscription;
pub mod workspace;
pub mod world;
