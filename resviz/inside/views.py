"""The views of the pages that look inside trained networks, by the names of their panels."""

from __future__ import annotations

from resviz.views import View

ATTRIBUTION = {
    "attribution": View(
        "Maps",
        "What does it look at?",
        "Both trained networks, the same image: which pixels speak for a class? Images that are read wrong come first.",
        "A map gives every pixel $i$ of an image $x$ a number. Saliency is $|\\partial S_c / \\partial x_i|$, with $S_c$ the "
        "score of class $c$ before the softmax; integrated gradients are $(x_i - x'_i) \\int_0^1 \\partial S_c(x' + \\alpha "
        "(x - x')) / \\partial x_i \\, d\\alpha$ with a black $x'$, and add up to $S_c(x) - S_c(x')$; what a finite sum "
        "misses of that is the convergence delta. GradCAM weights the channels $A^k$ of a block by the mean of $\\partial "
        "S_c / \\partial A^k$. The maps of all blocks come from one forward and one backward pass. A map that looks right "
        "need not be: Adebayo 2018 draws all weights anew, and some maps hardly change. The switch does that here.",
    ),
}

ATTRIBUTION["photograph"] = View(
    "Photograph",
    "And a network trained on a million photographs?",
    "Torchvision’s ResNets, trained on ImageNet: which part of a photograph speaks for what is read?",
    "The maps are those of the other view. There are no plain networks of this size with trained weights to put beside them: "
    "at 34 layers the plain one of He 2015 reads 28.54% of ImageNet wrong, the residual one 25.03% (Table 2). Everything "
    "but the weights is computed here; they are downloaded only if you say so.",
)

PATHS = {
    "lesion": View(
        "Lesions",
        "How many networks are inside?",
        "Take any block out of both trained networks. A plain one has a single path, so that every block matters.",
        "A residual block computes $y_k = y_{k-1} + f_k(y_{k-1})$. Taking it out leaves $y_k = y_{k-1}$: half of all paths "
        "through the network are gone, and half are left. In a plain network, $y_k = f_k(y_{k-1})$, all of them are gone "
        "(Veit 2016, section 4.1). Cutting a shortcut of the trained network is another thing: then $y_k = f_k(y_{k-1})$, "
        "and what the later blocks were trained to receive is gone.",
    ),
    "several": View(
        "Several at once",
        "How much disorder does it bear?",
        "More and more blocks taken out at random; then all blocks, in another order.",
        "If a residual network behaves like an ensemble of its paths, its error should grow smoothly with the number of "
        "blocks taken out, and with disorder (Veit 2016, sections 4.2 and 4.3). “Ensemble-like” is the paper’s word: the "
        "paths share their weights and were trained together. Stochastic depth (Huang 2016) leaves blocks out at random in "
        "every training step: choose a survival below 1 and look again.",
    ),
    "lengths": View(
        "Path lengths",
        "Which paths does the gradient take?",
        "Through n blocks lead 2ⁿ paths. Gradients are sent back along random ones of every length.",
        "Each block is passed or gone through, so that of $2^n$ paths $\\binom nk$ have $k$ branches on them: Binomial$(n, "
        "1/2)$. To measure what one path brings, the backward pass goes through the branches of $k$ blocks chosen at random, "
        "and past all others (Veit 2016, section 5). Times the number of such paths, that is the share of the gradient by "
        "path length. If every branch multiplied the gradient by $a$, it would be Binomial$(n, a / (1 + a))$.",
    ),
    "unravel": View(
        "Unrolled",
        "Where do 2ⁿ paths come from?",
        "Open one sum after the other: what stands in it is there twice, once past the block and once through it.",
        "$y_3 = y_2 + f_3(y_2) = [y_1 + f_2(y_1)] + f_3(y_1 + f_2(y_1)) = \\dots$, in all $Y = x + \\sum_i H_i$ with $H_i = "
        "f_i(y_{i-1})$ (Veit 2016, Fig. 1). Going back, the gradient is a sum over all paths. Going forward it is one only "
        "for linear $f$: $f_3$ of a sum is not the sum of two $f_3$, and so the picture keeps each $f$ behind the sum that "
        "it takes.",
    ),
}

LANDSCAPE = {
    "landscape": View(
        "Landscape",
        "What does the optimiser walk on?",
        "The loss of both trained networks, on a plane through their weights. Both on the same scale.",
        "At every point of the plane the loss is that of weights $\\theta + a\\, d + b\\, e$. A random $d$ is made as long "
        "as the network’s own weights, filter by filter, $d_{ij} \\leftarrow d_{ij} \\|\\theta_{ij}\\| / \\|d_{ij}\\|$, "
        "because a ReLU network with normalisation computes the same after all its filters were scaled (Li 2018, section 4). "
        "Biases and what normalisation has learnt stay where they are. Batch normalisation takes the means and variances that "
        "the images have at each point. Li 2018 uses those that training has kept, which no longer fit far from the middle, "
        "so that part of those walls is theirs: choose them under More and compare. The two main directions of the training "
        "path are its principal components (section 7).",
    ),
}
