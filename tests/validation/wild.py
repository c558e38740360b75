"""Values, counts, forms and texts that no header should hold."""

import numpy as np

WILD_VALUES = (
    '1e30', '-1e30', '1.0E+400', 'NaN', 'inf', '-1', '0', '-0.0', '99999999999999999999999', '1000000000', "'text'", "''",
    "'-'", 'T', 'F', '(1.0, 2.0)', '', "'unclosed", '1 2 3', '= = =', "'it''s'", "'&'", '\x00\x01\x02', 'ÿþ', "'\x1b[31m'",
    '1d5', '0x10', '1_0', "'../../../../../../tmp/escaped'", "'/tmp/escaped'",
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'", "'     '", "'*'", "'None'", "'$HOME'", "'%s%n'",
    '1e-320',
)  # fmt: skip
WILD_COUNTS = (
    '-1', '0', '1', '2', '7', '1000000000', '4294967296', '9223372036854775807', '99999999999999999999', "'2'", '2.5', 'T',
    '',
)  # fmt: skip
WILD_FORMS = (
    '999999999D', '0D', '-1D', 'D', '1Q', '1PD(9)', '1PE(-1)', '1QJ(999999999)', '2147483648A', '1Z', '', '1X', '99X', 'A20',
    '1M', 'E15.7', '3D', '1PP(1)', '1L', '1K', '1J', '1I', '1B', '20A',
)  # fmt: skip
WILD_DIMS = ('(1000000,1000000)', '(0)', '(-1,-1)', '(2,3)', 'x', '()', '(1,1,1,1,1,1,1,1,1,1)', '(99999999999999999999)')
WILD_NUMBERS = (np.nan, np.inf, -np.inf, 1e30, -1e30, 0.0, -1.0, 1e-320, 1e308, 2**31, 65536.0)
TEXT_KEYWORDS = (
    'TARGNAME', 'ROOTNAME', 'FILENAME', 'ASN_ID', 'APERTURE', 'OPT_ELEM', 'DETECTOR', 'SEGMENT', 'PR_INV_L', 'CAL_VER',
    'OBSTYPE', 'INSTRUME', 'LIFE_ADJ', 'FLUXTAB', 'TDSTAB', 'PFLTFILE', 'PHOTTAB', 'BPIXTAB', 'EXPFLAG', 'PROPAPER',
)  # fmt: skip
WILD_TEXTS = (
    '../../../escaped', '/tmp/escaped', 'lref$../../../etc/passwd', 'oref$/etc/passwd', '..', '.', '/', 'a/b', 'a\\b',
    '~root', '$(id)', '`id`', 'con', 'NUL', '-rf', '*', '?',
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', ' ', '<script>alert(1)</script>', '"><img src=x>',
    '{{7*7}}', '{% raw %}', '%2e%2e%2f', 'composite', 'targets', '.hidden', 'a\tb', 'a\x00b', 'a\x1bb', 'a\x7fb',
    'GJ-436\x08', '=1+1', ',', ';', '|', 'a:b', 'name.json', 'é',
)  # fmt: skip
