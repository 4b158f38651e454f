"""The operators, casts, types and operator classes of PostgreSQL.

Generated from its catalogs by tests/generate/builtin_signatures.py: do not edit.
"""

OPERATORS = """
- bit bit i ~ ; - box point i @@ ; - circle point i @@ ; - float4 float4 i + - @ ; - float8 float8 i + - @ |/ ||/ ; -
inet inet i ~ ; - int2 int2 i + - @ ~ ; - int4 int4 i + - @ ~ ; - int8 int8 i + - @ ~ ; - interval interval i - ; -
line bool i ?- ?| ; - lseg bool i ?- ?| ; - lseg float8 i @-@ ; - lseg point i @@ ; - macaddr macaddr i ~ ; - macaddr8
macaddr8 i ~ ; - numeric numeric i + - @ ; - path int4 i # ; - path float8 i @-@ ; - polygon int4 i # ; - polygon point
i @@ ; - tsquery tsquery i !! ; aclitem aclitem bool i = ; aclitem[] aclitem aclitem[] i + - ; aclitem[] aclitem bool i
@> ; anyarray anyarray bool i && < <= <> <@ = > >= @> ; anycompatible anycompatiblearray anycompatiblearray i || ;
anycompatiblearray anycompatible anycompatiblearray i || ; anycompatiblearray anycompatiblearray anycompatiblearray i
|| ; anyelement anymultirange bool i <@ ; anyelement anyrange bool i <@ ; anyenum anyenum bool i < <= <> = > >= ;
anymultirange anyelement bool i @> ; anymultirange anymultirange bool i && &< &> -|- < << <= <> <@ = > >= >> @> ;
anymultirange anymultirange anymultirange i * + - ; anymultirange anyrange bool i && &< &> -|- << <@ >> @> ;
anynonarray text text s || ; anyrange anyelement bool i @> ; anyrange anymultirange bool i && &< &> -|- << <@ >> @> ;
anyrange anyrange bool i && &< &> -|- < << <= <> <@ = > >= >> @> ; anyrange anyrange anyrange i * + - ; bit bit bit i #
& | ; bit bit bool i < <= <> = > >= ; bit int4 bit i << >> ; bool bool bool i < <= <> = > >= ; box box box i # ; box
box bool i && &< &<| &> < << <<| <= <@ <^ = > >= >> >^ ?# @> |&> |>> ~= ; box box float8 i <-> ; box lseg float8 i <->
; box point box i * + - / ; box point float8 i <-> ; box point bool i @> ; bpchar bpchar bool i < <= <> = > >= ~<=~ ~<~
~>=~ ~>~ ; bpchar text bool i !~ !~* !~~ !~~* ~ ~* ~~ ~~* ; bytea bytea bool i !~~ < <= <> = > >= ~~ ; bytea bytea
bytea i || ; char char bool i < <= <> = > >= ; cid cid bool i = ; circle circle bool i && &< &<| &> < << <<| <= <> <@ =
> >= >> @> |&> |>> ~= ; circle circle float8 i <-> ; circle point circle i * + - / ; circle point float8 i <-> ; circle
point bool i @> ; circle polygon float8 i <-> ; date date int4 i - ; date date bool i < <= <> = > >= ; date int4 date i
+ - ; date interval timestamp i + - ; date time timestamp i + ; date timestamp bool i < <= <> = > >= ; date timestamptz
bool s < <= <> = > >= ; date timetz timestamptz i + ; float4 float4 float4 i * + - / ; float4 float4 bool i < <= <> = >
>= ; float4 float8 float8 i * + - / ; float4 float8 bool i < <= <> = > >= ; float4 money money i * ; float8 float4
float8 i * + - / ; float8 float4 bool i < <= <> = > >= ; float8 float8 float8 i * + - / ^ ; float8 float8 bool i < <=
<> = > >= ; float8 interval interval i * ; float8 money money i * ; inet inet inet i & | ; inet inet bool i && < << <<=
<= <> = > >= >> >>= ; inet inet int8 i - ; inet int8 inet i + - ; int2 int2 int2 i # % & * + - / | ; int2 int2 bool i <
<= <> = > >= ; int2 int4 int4 i * + - / ; int2 int4 bool i < <= <> = > >= ; int2 int4 int2 i << >> ; int2 int8 int8 i *
+ - / ; int2 int8 bool i < <= <> = > >= ; int2 money money i * ; int4 date date i + ; int4 int2 int4 i * + - / ; int4
int2 bool i < <= <> = > >= ; int4 int4 int4 i # % & * + - / << >> | ; int4 int4 bool i < <= <> = > >= ; int4 int8 int8
i * + - / ; int4 int8 bool i < <= <> = > >= ; int4 money money i * ; int8 inet inet i + ; int8 int2 int8 i * + - / ;
int8 int2 bool i < <= <> = > >= ; int8 int4 int8 i * + - / << >> ; int8 int4 bool i < <= <> = > >= ; int8 int8 int8 i #
% & * + - / | ; int8 int8 bool i < <= <> = > >= ; int8 money money i * ; interval date timestamp i + ; interval float8
interval i * / ; interval interval interval i + - ; interval interval bool i < <= <> = > >= ; interval time time i + ;
interval timestamp timestamp i + ; interval timestamptz timestamptz s + ; interval timetz timetz i + ; json int4 json i
-> ; json int4 text i ->> ; json text json i -> ; json text text i ->> ; json text[] json i #> ; json text[] text i #>>
; jsonb int4 jsonb i - -> ; jsonb int4 text i ->> ; jsonb jsonb bool i < <= <> <@ = > >= @> ; jsonb jsonb jsonb i || ;
jsonb jsonpath bool i @? @@ ; jsonb text jsonb i - -> ; jsonb text text i ->> ; jsonb text bool i ? ; jsonb text[]
jsonb i #- #> - ; jsonb text[] text i #>> ; jsonb text[] bool i ?& ?| ; line box bool i ?# ; line line point i # ; line
line float8 i <-> ; line line bool i = ?# ?-| ?|| ; line lseg point i ## ; line lseg float8 i <-> ; line point float8 i
<-> ; lseg box point i ## ; lseg box float8 i <-> ; lseg box bool i <@ ?# ; lseg line float8 i <-> ; lseg line bool i
<@ ?# ; lseg lseg point i # ## ; lseg lseg bool i < <= <> = > >= ?# ?-| ?|| ; lseg lseg float8 i <-> ; lseg point
float8 i <-> ; macaddr macaddr macaddr i & | ; macaddr macaddr bool i < <= <> = > >= ; macaddr8 macaddr8 macaddr8 i & |
; macaddr8 macaddr8 bool i < <= <> = > >= ; money float4 money i * / ; money float8 money i * / ; money int2 money i *
/ ; money int4 money i * / ; money int8 money i * / ; money money money i + - ; money money float8 i / ; money money
bool i < <= <> = > >= ; name name bool i < <= <> = > >= ; name text bool i !~ !~* !~~ !~~* < <= <> = > >= ~ ~* ~~ ~~* ;
numeric numeric numeric i % * + - / ^ ; numeric numeric bool i < <= <> = > >= ; numeric pg_lsn pg_lsn i + ; oid oid
bool i < <= <> = > >= ; oid[] oid[] bool i < <= <> = > >= ; path path path i + ; path path bool i < <= = > >= ?# ; path
path float8 i <-> ; path point path i * + - / ; path point float8 i <-> ; path point bool i @> ; pg_lsn numeric pg_lsn
i + - ; pg_lsn pg_lsn numeric i - ; pg_lsn pg_lsn bool i < <= <> = > >= ; point box point i ## ; point box float8 i <->
; point box bool i <@ ; point circle float8 i <-> ; point circle bool i <@ ; point line point i ## ; point line float8
i <-> ; point line bool i <@ ; point lseg point i ## ; point lseg float8 i <-> ; point lseg bool i <@ ; point path
float8 i <-> ; point path bool i <@ ; point point point i * + - / ; point point float8 i <-> ; point point bool i <<
<<| <> <^ >> >^ ?- ?| |>> ~= ; point polygon float8 i <-> ; point polygon bool i <@ ; polygon circle float8 i <-> ;
polygon point float8 i <-> ; polygon point bool i @> ; polygon polygon bool i && &< &<| &> << <<| <@ >> @> |&> |>> ~= ;
polygon polygon float8 i <-> ; record record bool i *< *<= *<> *= *> *>= < <= <> = > >= ; text anynonarray text s || ;
text name bool i < <= <> = > >= ; text text bool i !~ !~* !~~ !~~* < <= <> = > >= ^@ ~ ~* ~<=~ ~<~ ~>=~ ~>~ ~~ ~~* ;
text text bool s @@ ; text text text i || ; text tsquery bool s @@ ; tid tid bool i < <= <> = > >= ; time date
timestamp i + ; time interval time i + - ; time time interval i - ; time time bool i < <= <> = > >= ; timestamp date
bool i < <= <> = > >= ; timestamp interval timestamp i + - ; timestamp timestamp interval i - ; timestamp timestamp
bool i < <= <> = > >= ; timestamp timestamptz bool s < <= <> = > >= ; timestamptz date bool s < <= <> = > >= ;
timestamptz interval timestamptz s + - ; timestamptz timestamp bool s < <= <> = > >= ; timestamptz timestamptz interval
i - ; timestamptz timestamptz bool i < <= <> = > >= ; timetz date timestamptz i + ; timetz interval timetz i + - ;
timetz timetz bool i < <= <> = > >= ; tsquery tsquery tsquery i && <-> || ; tsquery tsquery bool i < <= <> <@ = > >= @>
; tsquery tsvector bool i @@ @@@ ; tsvector tsquery bool i @@ @@@ ; tsvector tsvector bool i < <= <> = > >= ; tsvector
tsvector tsvector i || ; uuid uuid bool i < <= <> = > >= ; varbit varbit bool i < <= <> = > >= ; varbit varbit varbit i
|| ; xid int4 bool i <> = ; xid xid bool i <> = ; xid8 xid8 bool i < <= <> = > >=
"""
"""Entries of left type (`-`: none), right type, result, volatility, and the operators."""

CASTS = """
bit efi int4 int8 ; bit ibi varbit ; bool afi bpchar text varchar ; bool efi int4 ; box efi circle lseg point ; box afi
polygon ; bpchar afi char ; bpchar ifi name text varchar ; bpchar efs xml ; bytea efi int2 int4 int8 ; char afi bpchar
varchar ; char efi int4 ; char ifi text ; cidr afi bpchar text varchar ; cidr ibi inet ; circle efi box point polygon ;
date ifi timestamp ; date ifs timestamptz ; daterange efi datemultirange ; float4 ifi float8 ; float4 afi int2 int4
int8 numeric ; float8 afi float4 int2 int4 int8 numeric ; inet afi bpchar cidr text varchar ; int2 efi bytea ; int2 ifi
float4 float8 int4 int8 numeric oid regclass regcollation regconfig regdictionary regnamespace regoper regoperator
regproc regprocedure regrole regtype ; int4 efi bit bool bytea char ; int4 ifi float4 float8 int8 numeric ; int4 afi
int2 ; int4 afs money ; int4 ibi oid regclass regcollation regconfig regdictionary regnamespace regoper regoperator
regproc regprocedure regrole regtype ; int4range efi int4multirange ; int8 efi bit bytea ; int8 ifi float4 float8
numeric oid regclass regcollation regconfig regdictionary regnamespace regoper regoperator regproc regprocedure regrole
regtype ; int8 afi int2 int4 ; int8 afs money ; int8range efi int8multirange ; interval afi time ; json aii jsonb ;
jsonb efi bool float4 float8 int2 int4 int8 numeric ; jsonb aii json ; lseg efi point ; macaddr ifi macaddr8 ; macaddr8
ifi macaddr ; money afs numeric ; name afi bpchar varchar ; name ifi text ; numeric ifi float4 float8 ; numeric afi
int2 int4 int8 ; numeric afs money ; numrange efi nummultirange ; oid abi int4 ; oid afi int8 ; oid ibi regclass
regcollation regconfig regdictionary regnamespace regoper regoperator regproc regprocedure regrole regtype ; path afi
polygon ; pg_dependencies ibi bytea ; pg_dependencies iii text ; pg_mcv_list ibi bytea ; pg_mcv_list iii text ;
pg_ndistinct ibi bytea ; pg_ndistinct iii text ; pg_node_tree ibi text ; point afi box ; polygon efi box circle point ;
polygon afi path ; regclass abi int4 ; regclass afi int8 ; regclass ibi oid ; regcollation abi int4 ; regcollation afi
int8 ; regcollation ibi oid ; regconfig abi int4 ; regconfig afi int8 ; regconfig ibi oid ; regdictionary abi int4 ;
regdictionary afi int8 ; regdictionary ibi oid ; regnamespace abi int4 ; regnamespace afi int8 ; regnamespace ibi oid ;
regoper abi int4 ; regoper afi int8 ; regoper ibi oid regoperator ; regoperator abi int4 ; regoperator afi int8 ;
regoperator ibi oid regoper ; regproc abi int4 ; regproc afi int8 ; regproc ibi oid regprocedure ; regprocedure abi
int4 ; regprocedure afi int8 ; regprocedure ibi oid regproc ; regrole abi int4 ; regrole afi int8 ; regrole ibi oid ;
regtype abi int4 ; regtype afi int8 ; regtype ibi oid ; text ibi bpchar varchar ; text afi char ; text ifi name ; text
ifs regclass ; text efs xml ; time ifi interval ; time ifs timetz ; timestamp afi date time ; timestamp ifs timestamptz
; timestamptz afs date time timestamp timetz ; timetz afi time ; tsrange efi tsmultirange ; tstzrange efi
tstzmultirange ; varbit ibi bit ; varchar ibi bpchar text ; varchar afi char ; varchar ifi name ; varchar ifs regclass
; varchar efs xml ; xid8 efi xid ; xml abi bpchar text varchar
"""
"""Entries of source, context (i implicit, a assignment, e explicit), method (b binary, f function, i by text),
volatility, and the targets."""

TYPES = """
P _record any anyarray anycompatible anycompatiblearray anycompatiblemultirange anycompatiblenonarray
anycompatiblerange anyelement anyenum anymultirange anynonarray anyrange cstring event_trigger fdw_handler
index_am_handler internal language_handler pg_ddl_command record table_am_handler trigger tsm_handler void ; U aclitem
bytea cid gtsvector json jsonb jsonpath macaddr macaddr8 pg_lsn pg_snapshot refcursor tid tsquery tsvector
txid_snapshot uuid xid xid8 xml ; V bit ; B* bool ; G box circle line lseg path point polygon ; S bpchar name varchar ;
Z char pg_brin_bloom_summary pg_brin_minmax_multi_summary pg_dependencies pg_mcv_list pg_ndistinct pg_node_tree ; I
cidr ; D date time timestamp timetz ; R datemultirange daterange int4multirange int4range int8multirange int8range
nummultirange numrange tsmultirange tsrange tstzmultirange tstzrange ; N float4 int2 int4 int8 money numeric regclass
regcollation regconfig regdictionary regnamespace regoper regoperator regproc regprocedure regrole regtype ; N* float8
oid ; I* inet ; T* interval ; S* text ; D* timestamptz ; X unknown ; V* varbit
"""
"""Entries of a category, `*` for its preferred type, and the types."""

CLASSES = """
brin bpchar bpchar_bloom_ops ; brin bytea bytea_bloom_ops ; brin char char_bloom_ops ; brin date date_bloom_ops
date_minmax_multi_ops ; brin float4 float4_bloom_ops float4_minmax_multi_ops ; brin float8 float8_bloom_ops
float8_minmax_multi_ops ; brin inet inet_bloom_ops inet_minmax_multi_ops inet_minmax_ops ; brin int2 int2_bloom_ops
int2_minmax_multi_ops ; brin int4 int4_bloom_ops int4_minmax_multi_ops ; brin int8 int8_bloom_ops int8_minmax_multi_ops
; brin interval interval_bloom_ops interval_minmax_multi_ops ; brin macaddr8 macaddr8_bloom_ops
macaddr8_minmax_multi_ops ; brin macaddr macaddr_bloom_ops macaddr_minmax_multi_ops ; brin name name_bloom_ops ; brin
numeric numeric_bloom_ops numeric_minmax_multi_ops ; brin oid oid_bloom_ops oid_minmax_multi_ops ; brin pg_lsn
pg_lsn_bloom_ops pg_lsn_minmax_multi_ops ; brin text text_bloom_ops ; brin tid tid_bloom_ops tid_minmax_multi_ops ;
brin time time_bloom_ops time_minmax_multi_ops ; brin timestamp timestamp_bloom_ops timestamp_minmax_multi_ops ; brin
timestamptz timestamptz_bloom_ops timestamptz_minmax_multi_ops ; brin timetz timetz_bloom_ops timetz_minmax_multi_ops ;
brin uuid uuid_bloom_ops uuid_minmax_multi_ops ; brin* bit bit_minmax_ops ; brin* box box_inclusion_ops ; brin* bpchar
bpchar_minmax_ops ; brin* bytea bytea_minmax_ops ; brin* char char_minmax_ops ; brin* date date_minmax_ops ; brin*
float4 float4_minmax_ops ; brin* float8 float8_minmax_ops ; brin* inet inet_inclusion_ops ; brin* int2 int2_minmax_ops
; brin* int4 int4_minmax_ops ; brin* int8 int8_minmax_ops ; brin* interval interval_minmax_ops ; brin* macaddr8
macaddr8_minmax_ops ; brin* macaddr macaddr_minmax_ops ; brin* name name_minmax_ops ; brin* numeric numeric_minmax_ops
; brin* oid oid_minmax_ops ; brin* pg_lsn pg_lsn_minmax_ops ; brin* anyrange range_inclusion_ops ; brin* text
text_minmax_ops ; brin* tid tid_minmax_ops ; brin* time time_minmax_ops ; brin* timestamp timestamp_minmax_ops ; brin*
timestamptz timestamptz_minmax_ops ; brin* timetz timetz_minmax_ops ; brin* uuid uuid_minmax_ops ; brin* varbit
varbit_minmax_ops ; btree bpchar bpchar_pattern_ops ; btree inet cidr_ops ; btree record record_image_ops ; btree text
text_pattern_ops varchar_ops varchar_pattern_ops ; btree* anyarray array_ops ; btree* bit bit_ops ; btree* bool
bool_ops ; btree* bpchar bpchar_ops ; btree* bytea bytea_ops ; btree* char char_ops ; btree* date date_ops ; btree*
anyenum enum_ops ; btree* float4 float4_ops ; btree* float8 float8_ops ; btree* inet inet_ops ; btree* int2 int2_ops ;
btree* int4 int4_ops ; btree* int8 int8_ops ; btree* interval interval_ops ; btree* jsonb jsonb_ops ; btree* macaddr8
macaddr8_ops ; btree* macaddr macaddr_ops ; btree* money money_ops ; btree* anymultirange multirange_ops ; btree* name
name_ops ; btree* numeric numeric_ops ; btree* oid oid_ops ; btree* oidvector oidvector_ops ; btree* pg_lsn pg_lsn_ops
; btree* anyrange range_ops ; btree* record record_ops ; btree* text text_ops ; btree* tid tid_ops ; btree* time
time_ops ; btree* timestamp timestamp_ops ; btree* timestamptz timestamptz_ops ; btree* timetz timetz_ops ; btree*
tsquery tsquery_ops ; btree* tsvector tsvector_ops ; btree* uuid uuid_ops ; btree* varbit varbit_ops ; btree* xid8
xid8_ops ; gin jsonb jsonb_path_ops ; gin* anyarray array_ops ; gin* jsonb jsonb_ops ; gin* tsvector tsvector_ops ;
gist inet inet_ops ; gist* box box_ops ; gist* circle circle_ops ; gist* anymultirange multirange_ops ; gist* point
point_ops ; gist* polygon poly_ops ; gist* anyrange range_ops ; gist* tsquery tsquery_ops ; gist* tsvector tsvector_ops
; hash bpchar bpchar_pattern_ops ; hash inet cidr_ops ; hash text text_pattern_ops varchar_ops varchar_pattern_ops ;
hash* aclitem aclitem_ops ; hash* anyarray array_ops ; hash* bool bool_ops ; hash* bpchar bpchar_ops ; hash* bytea
bytea_ops ; hash* char char_ops ; hash* cid cid_ops ; hash* date date_ops ; hash* anyenum enum_ops ; hash* float4
float4_ops ; hash* float8 float8_ops ; hash* inet inet_ops ; hash* int2 int2_ops ; hash* int4 int4_ops ; hash* int8
int8_ops ; hash* interval interval_ops ; hash* jsonb jsonb_ops ; hash* macaddr8 macaddr8_ops ; hash* macaddr
macaddr_ops ; hash* anymultirange multirange_ops ; hash* name name_ops ; hash* numeric numeric_ops ; hash* oid oid_ops
; hash* oidvector oidvector_ops ; hash* pg_lsn pg_lsn_ops ; hash* anyrange range_ops ; hash* record record_ops ; hash*
text text_ops ; hash* tid tid_ops ; hash* time time_ops ; hash* timestamp timestamp_ops ; hash* timestamptz
timestamptz_ops ; hash* timetz timetz_ops ; hash* uuid uuid_ops ; hash* xid8 xid8_ops ; hash* xid xid_ops ; spgist
point kd_point_ops ; spgist* box box_ops ; spgist* inet inet_ops ; spgist* polygon poly_ops ; spgist* point
quad_point_ops ; spgist* anyrange range_ops ; spgist* text text_ops
"""
"""Entries of an access method, `*` for a default of its type, a type and the operator classes."""
