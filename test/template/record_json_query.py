"""Records what Python's jmespath finds: pip install jmespath==1.1.0; python3 test/template/record_json_query.py > test/template/json_query.json"""
import json, sys, jmespath

doc={"users":[{"name":"ann","age":30,"tags":["x","y"],"home":{"shell":"/bin/sh"},"ok":True},{"name":"Bob","age":25.5,"tags":[],"home":None,"ok":False},{"name":"čelo","age":40,"tags":["y","z"]}],"n":5,"f":1.5,"s":"a text","e":{},"l":[3,1,2,None,"b"],"nested":[[1,[2]],[3,[4]]],"d":{"b":1,"a":{"c":[1,2]},"10":"ten","x-y":3},"z":None,"str":["b","a","C"]}
E=r'''users
users[*].name
users[].tags
users[].tags[]
users[?age > `26`].name
users[?age >= `25.5` && ok].name
users[?ok || age == `40`].name
users[?!ok].name
users[?name == 'ann'] | [0]
users[?contains(tags, 'y')].name
users[0:2].name
users[::-1].name
users[-1].name
users[5]
d.*
d.a.c[1]
d."x-y"
d.'x-y'
d."10"
nested[]
nested[][]
nested[*][1]
keys(d)
values(d)
length(users)
length(s)
length(d)
sort(str)
sort_by(users, &age)[].name
sort_by(users,&name)[].name
max_by(users, &age).name
min_by(users, &age).name
max(l)
max(users[].age)
min(users[].age)
sum(users[].age)
avg(users[].age)
join(',', str)
join(`,`, str)
reverse(str)
reverse(s)
to_string(d)
to_string(f)
to_string(n)
to_string(s)
to_number('12')
to_number('1.5')
to_number('abc')
to_number(`true`)
to_array(n)
to_array(str)
type(n)
type(z)
type(users)
type(d)
type(s)
type(ok)
not_null(z, e, n)
merge(d, `{"q": 1}`)
map(&name, users)
map(&nope, users)
floor(f)
ceil(f)
abs(`-5`)
starts_with(s, 'a')
ends_with(s, 'xt')
contains(s, 'tex')
contains(str, 'C')
{a: n, b: s}
users[].{n: name, a: age}
users[].[name, age]
[n, f, s]
users[?home.shell].name
users[?tags].name
users[?tags[0]].name
users[?name < 'b'].name
users[?name > 'b'].name
users[?age].name
users[?age == null].name
users[?home == `null`].name
`[1, 2]`
`"foo"`
`foo`
'raw'
@
@.n
n > f
n == `5`
n == `5.0`
s == 'a text'
z || s
e || s
z && s
n && s
!z
!n
users[*].home.shell
users[*].nope
users[].home | [0]
l[?@ > `1`]
l[?type(@) == 'number']
length(z)
length(n)
nofunc(n)
sort(l)
abs(s)
join(n, str)
users[
users[?
a b

users[?age > 26].name
n - f
n + f
n * f
n / f
foo-bar
$.n
group_by(users,&name)
from_items(items(d))
items(d)
zip(str,l)
split(s,' ')
let $x = n in $x
lower(s)
users[?age > '26'].name
users[?age < `"x"`].name
length(users[?contains(name, 'n')])
users[?contains(name, `n`)].name
users[?name == `ann`].name
users[*].age | sort(@)
users[*].age | sort(@) | reverse(@)
d.{x: a.c, y: "10"}
users[?starts_with(name, 'a')] | [0].home.shell
"users"[0]."name"
users[*].tags[0]
users[].tags[0]
users[*].tags | [0]
(users)[0].name
users[?(age > `26` && ok) || name == 'Bob'].name
s[0:1]
str[1:]
str[:1]
str[::2]
str[0:3:0]
to_string(`1.0`)
to_string(`[1, 2.0, "a"]`)
to_string(`{"b": 1, "a": null}`)
avg(`[]`)
sum(`[]`)
max(`[]`)
max_by(`[]`, &a)
sort_by(`[]`, &a)
sort_by(users, &nope)
sort_by(users, &ok)
*.name
users.*
l.*
`1` == `true`
`0` || 'x'
'' || 'x'
`[]` || 'x'
\u0041
"\u006e"
users[0].name && 'yes' || 'no'
'it\'s'
`"it's"`
'back\slash'
floor(`-1.5`)
floor(s)
ceil(`1`)
contains(n, 'x')
keys(l)
not_null()
merge()'''.split('\n')
out=[]
for e in E:
    try: r={'value':jmespath.search(e,doc)}
    except Exception as x: r={'error':type(x).__name__}
    out.append([e,r])
json.dump({'data': doc, 'cases': out}, sys.stdout, ensure_ascii=False, indent=0)
print()

