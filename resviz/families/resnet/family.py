"""The residual classifier of He 2015, and its plain twin, which has the same layers and no shortcuts."""

from resviz.family import PLAIN, RESIDUAL, Family

FAMILY = Family(
    label="Residual classifier",
    arms=(RESIDUAL, PLAIN),
    spec="spec:Spec",
    twin="nets:ResidualTwin",
    task="nets:Task",
    cost="cost:cost",
    finding="findings:train_finding",
    recovery="findings:recovery",
    first_finding="findings:initial_finding",
    change="findings:change_in_words",
    network="drawing:network",
    script="script:script",
)
ARMS = tuple(arm.name for arm in FAMILY.arms)
SHORT = {"residual": "with shortcuts", "plain": "without"}  # what is said of each beside the other
