//! One value in the three protocols, as cPickle of Python 2.7.18 writes it.

pub(super) const PROTOCOL_0: &[u8] = b"\
(lp1\nNaI01\naI00\naI0\naI255\naI256\naI65535\naI65536\naI-1\naI2147483647\naI2147483648\naI-2147483649\n\
aL9223372036854775807L\naL10L\naL-1180591620717411303424L\naF1\naF0.10000000000000001\naF-1.0000000000000\
001e+300\naS''\naS\"it's\"\np2\naS'a\\n\\\\\\x00\\xff\"'\np3\naV\naVcaf\xe9 \\u20ac\\u005c\\u000a\np4\naV\
\\U0001f600\naV\\ud83d\na(ta(I1\ntp5\na(I1\nI2\ntp6\na(I1\nI2\nI3\ntp7\na(I1\nI2\nI3\nI4\ntp8\na(lp9\na(l\
p10\nI7\naa(dp11\na(dp12\nS'one'\np13\nI1\nsaS'shared string'\np14\nag14\na(lp15\nS'en'\np16\naag15\na(iM\
ailman.Bouncer\n_BounceInfo\np17\n(dp18\nS'date'\np19\n(I2010\nI1\nI2\ntp20\nsS'score'\np21\nF1.5\nsbag17\
\naccopy_reg\n_reconstructor\np22\n(cMailman.Bouncer\nD\np23\nc__builtin__\ndict\np24\n(dp25\nS'k'\nI1\ns\
tRp26\n(dp27\nS'x'\nI2\nsbag22\n(cMailman.Bouncer\nL\np28\nc__builtin__\nlist\np29\n(lp30\nI1\naS'z'\natR\
p31\nacMailman.Bouncer\n_BounceInfo\np32\naS'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'\np33\na.";

pub(super) const PROTOCOL_1: &[u8] = b"\
]q\x01(NI01\nI00\nK\x00K\xffM\x00\x01M\xff\xffJ\x00\x00\x01\x00J\xff\xff\xff\xffJ\xff\xff\xff\x7fI2147483\
648\nI-2147483649\nL9223372036854775807L\nL10L\nL-1180591620717411303424L\nG?\xf0\x00\x00\x00\x00\x00\x00\
G?\xb9\x99\x99\x99\x99\x99\x9aG\xfe7\xe4<\x88\x00u\x9cU\x00U\x04it'sq\x02U\x06a\n\\\x00\xff\"q\x03X\x00\
\x00\x00\x00X\x0b\x00\x00\x00caf\xc3\xa9 \xe2\x82\xac\\\nq\x04X\x04\x00\x00\x00\xf0\x9f\x98\x80X\x03\x00\
\x00\x00\xed\xa0\xbd)(K\x01tq\x05(K\x01K\x02tq\x06(K\x01K\x02K\x03tq\x07(K\x01K\x02K\x03K\x04tq\x08]q\x09\
]q\nK\x07a}q\x0b}q\x0cU\x03oneq\x0dK\x01sU\x0dshared stringq\x0eh\x0e]q\x0fU\x02enq\x10ah\x0f(cMailman.Bo\
uncer\n_BounceInfo\nq\x11oq\x12}q\x13(U\x04dateq\x14(M\xda\x07K\x01K\x02tq\x15U\x05scoreq\x16G?\xf8\x00\
\x00\x00\x00\x00\x00ubh\x12ccopy_reg\n_reconstructor\nq\x17(cMailman.Bouncer\nD\nq\x18c__builtin__\ndict\
\nq\x19}q\x1aU\x01kK\x01stRq\x1b}q\x1cU\x01xK\x02sbh\x17(cMailman.Bouncer\nL\nq\x1dc__builtin__\nlist\nq\
\x1e]q\x1f(K\x01U\x01zetRq h\x11T,\x01\x00\x00xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxq!e.";

pub(super) const PROTOCOL_2: &[u8] = b"\
\x80\x02]q\x01(N\x88\x89K\x00K\xffM\x00\x01M\xff\xffJ\x00\x00\x01\x00J\xff\xff\xff\xffJ\xff\xff\xff\x7fI2\
147483648\nI-2147483649\n\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x8a\x01\n\x8a\x09\x00\x00\x00\x00\x00\
\x00\x00\x00\xc0G?\xf0\x00\x00\x00\x00\x00\x00G?\xb9\x99\x99\x99\x99\x99\x9aG\xfe7\xe4<\x88\x00u\x9cU\x00\
U\x04it'sq\x02U\x06a\n\\\x00\xff\"q\x03X\x00\x00\x00\x00X\x0b\x00\x00\x00caf\xc3\xa9 \xe2\x82\xac\\\nq\
\x04X\x04\x00\x00\x00\xf0\x9f\x98\x80X\x03\x00\x00\x00\xed\xa0\xbd)K\x01\x85q\x05K\x01K\x02\x86q\x06K\x01\
K\x02K\x03\x87q\x07(K\x01K\x02K\x03K\x04tq\x08]q\x09]q\nK\x07a}q\x0b}q\x0cU\x03oneq\x0dK\x01sU\x0dshared \
stringq\x0eh\x0e]q\x0fU\x02enq\x10ah\x0f(cMailman.Bouncer\n_BounceInfo\nq\x11oq\x12}q\x13(U\x04dateq\x14M\
\xda\x07K\x01K\x02\x87q\x15U\x05scoreq\x16G?\xf8\x00\x00\x00\x00\x00\x00ubh\x12cMailman.Bouncer\nD\nq\x17\
)\x81q\x18U\x01kK\x01s}q\x19U\x01xK\x02sbcMailman.Bouncer\nL\nq\x1a)\x81q\x1b(K\x01U\x01ze}q\x1cbh\x11T,\
\x01\x00\x00xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxq\
\x1de.";
