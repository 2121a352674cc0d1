"""nginx in front of the app, as it stands in front of a school's server."""

import os
import shutil
import subprocess
import time
import urllib.request

import pytest

from tests.servers import free_port
from tests.timing import aside

CONFIG = """
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{port};
    location /{path}/ {{
      proxy_pass http://{host}{strip};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout 1h;
    }}
    location / {{ return 404 "nothing of ours\\n"; }}
  }}
}}
"""


class Nginx:
    """What stands under /path/ is the server at `host`; with `strips` that server does not hear of the path."""

    def __init__(self, folder, host, path, *, strips):
        program = shutil.which("nginx")
        if program is None:
            if os.environ.get("RESVIZ_REQUIRE_ALL"):
                pytest.fail("there is no nginx here")
            pytest.skip("there is no nginx here")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/{path}"
        config = folder / "nginx.conf"
        config.write_text(
            CONFIG.format(folder=folder, port=self.port, path=path, host=host, strip="/" if strips else "")
        )
        self.process = subprocess.Popen([program, "-e", str(folder / "error.log"), "-c", str(config)])
        deadline = time.monotonic() + 20
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2).read()
                return
            except OSError as error:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"nginx did not start:\n{(folder / 'error.log').read_text()}") from error
                time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        with aside():
            self.process.wait(20)
