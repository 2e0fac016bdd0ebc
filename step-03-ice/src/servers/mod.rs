//! STUN and TURN servers: their URLs, the options that name them, and a pair of them inside this process.

pub mod ice_arguments;
pub mod ice_server_url;
pub mod local_servers;
