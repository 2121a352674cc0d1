"""Files of trained weights, as torchvision keeps them, for the tests of where they are found and how they come."""

import functools
import hashlib
import io

import torch
import torchvision

from resviz.data.pretrained import PRETRAINED, Pretrained


def furnish(folder, monkeypatch):
    """Both places where weights can be, in an empty folder."""
    monkeypatch.setenv("RESVIZ_DATA", str(folder / "data"))
    monkeypatch.setenv("TORCH_HOME", str(folder / "torch"))
    monkeypatch.setattr(torch.hub, "_hub_dir", None)


@functools.cache
def made():
    """The bytes of a ResNet-18, whose normalisation has seen something."""
    torch.manual_seed(99)
    net = torchvision.models.resnet18(weights=None)
    generator = torch.Generator().manual_seed(1)
    for name, buffer in net.named_buffers():
        if name.endswith(("mean", "var")):
            buffer.copy_(torch.rand(buffer.shape, generator=generator) + 0.5)
    out = io.BytesIO()
    torch.save(net.state_dict(), out)
    return out.getvalue()


def offered(monkeypatch):
    """What is known of those, as if torchvision offered them."""
    found = Pretrained("ResNet-18", f"resnet18-{hashlib.sha256(made()).hexdigest()[:8]}.pth", 45)
    monkeypatch.setitem(PRETRAINED, "resnet18", found)
    return found


def ours(home):
    return home / "data" / "weights"


def torchs(home):
    return home / "torch" / "hub" / "checkpoints"


def put(content, folder, known):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / known.file).write_bytes(content)


def changed(content):
    """One bit of it is another."""
    at = len(content) // 2
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def left(folder):
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


def assert_sentence(error, *parts):
    text = str(error.value)
    assert all(str(part) in text for part in parts), text
    assert "\n" not in text and text.endswith(".") and "Error(" not in text
