//! A real nginx in front of a daemon, as an owner would put it there.

use std::{
    fs,
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::Daemon;

/// Ended when dropped.
pub struct Nginx {
    child: Child,
    pub address: String,
    _dir: TempDir,
}

impl Nginx {
    /// `location`: what stands beside `proxy_pass`. `None` where no nginx is installed, which is said.
    pub async fn in_front_of(daemon: &Daemon, location: &str) -> Option<Self> {
        let program = ["/usr/sbin/nginx", "nginx"].into_iter().find(|it| Command::new(it).arg("-v").output().is_ok());
        let Some(program) = program else {
            println!("skipped: no nginx is installed; `apt-get install nginx-light` brings it");
            return None;
        };
        let dir = TempDir::new().unwrap();
        // Free now; nginx says if it is not any more.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let at = dir.path().display();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {at}/{kind};\n"))
            .concat();
        let config = format!(
            "daemon off; pid {at}/pid; error_log {at}/error.log; events {{}}
             http {{ access_log off; {temporary}
                 server {{ listen {address}; location / {{ proxy_pass http://{}; {location} }} }} }}",
            daemon.public
        );
        fs::write(dir.path().join("nginx.conf"), config).unwrap();
        let child = Command::new(program)
            .args(["-p", &at.to_string(), "-e", &format!("{at}/error.log"), "-c", &format!("{at}/nginx.conf")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let nginx = Self { child, address, _dir: dir };
        super::eventually("nginx answers", async || {
            let url = format!("http://{}/readyz", nginx.address);
            daemon.call(http::Method::GET, &url, &[], bytes::Bytes::new()).await.ok().filter(|it| it.status == 200)
        })
        .await;
        Some(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Asked to stop, it takes its workers with it.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
    }
}
