"""The explanation of the Start page."""

from __future__ import annotations

WHY = (
    "**Cut** a shortcut (click its arc) and the block must do everything itself: $x + F(x)$ becomes $F(x)$. With all of "
    "them cut, the residual network *is* the plain one, to the last bit. **Remove** a block (click the block) and only "
    "the shortcut is left: $x + F(x)$ becomes $x$. Veit 2016 (arXiv 1605.06431) removes blocks from trained networks: "
    "one fewer barely matters with shortcuts, except where shapes change; without them, in VGG, it leaves no more than "
    "chance. Without a shortcut to fall back on, a plain "
    "network's removed block passes $x$ on as well, padded with zeros where shapes change. Try both on the Train page."
)
