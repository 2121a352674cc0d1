"""Published numbers that more than one test compares with."""

# He 2015, section 4.2 and Table 6, counted with torch 2.15: 32x32 images, 10 classes, normalisation and the last layer in it.
# Depth, parameters with shortcuts of option A, B, C, multiply-adds of option A.
CIFAR_FAMILY = (
    (20, 269_722, 272_474, 283_962, 40_551_040),
    (32, 464_154, 466_906, 489_594, 68_862_592),
    (44, 658_586, 661_338, 695_226, 97_174_144),
    (56, 853_018, 855_770, 900_858, 125_485_696),
    (110, 1_727_962, 1_730_714, 1_826_202, 252_887_680),
    (1202, 19_421_274, 19_424_026, 20_538_714, 2_829_238_912),
)
