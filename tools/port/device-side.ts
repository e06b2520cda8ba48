import { crcOfText, literal } from './literal';

/**
 * What the board runs while it is talked to: one object, `$v`, in ES5 that all engines take. It gets requests with a number and a sum, and
 * answers each with one line `<~NUMBER:LENGTH:SUM=ANSWER~>`; one that comes again is answered again, and not done again.
 */

/** Of the name stands in the console's scope; each property is one operation or helper. */
const SHARED = `
n:0,f:0,t:0,i:0,p:0,b:0,a:'',x:'',
V:function(){return require('vfs')},
O:function(i,t){$v.P('<'+'~'+i+':'+t.length+':'+$v.C(t)+'='+t+'~>')},
y:function(){$v.O(0,'')},
q:function(i,c,h,d){
if($v.C(i+','+h.join()+(d||''))!==c)return $v.O(i,'?');
if(i!==$v.n){
try{var r=$v[h[0]](h,d);$v.a='='+$v.J(r===undefined?null:r);}
catch(e){$v.a='!'+$v.J([e.code||'',e.message||''+e,e.path||'',e.operation||'']);}
$v.n=i;
}
$v.O(i,$v.a);
},
z:function(){
var t=$v.t;
if($v.f){try{$v.f.close();}catch(e1){}}
$v.f=$v.i=$v.t=$v.b=0;$v.x='';
if(t){try{$v.V().remove(t);}catch(e2){}}
},
v:function(h){var v=$v.V();return v[h[1]].apply(v,h.slice(2));},
l:function(h){$v.i=$v.V().ilistdir(h[1],{attributes:true});return $v.m(h);},
m:function(h){
var o=[],s=0,e,x,a,t;
while(s<600){
x=$v.i.next();
if(x.done){$v.i=0;break;}
e=x.value;a=e[4]||{};t=0;
if(h[2]){try{t=$v.V().stat((h[1]=='/'?'':h[1])+'/'+e[0])[8];}catch(e3){}}
o.push([e[0],e[1]===16384?1:0,e[3]||0,(a.hidden?1:0)+(a.readonly?2:0),t]);
s+=e[0].length+20;
}
return [o,$v.i?1:0];
},
o:function(h){$v.z();$v.f=$v.V().open(h[1],'rb');$v.b=new Uint8Array(h[2]);$v.p=0;},
r:function(h){
if(h[1]!==$v.p)$v.f.seek(h[1]);
var n=$v.f.readinto($v.b);
$v.p=h[1]+n;
return $v.B($v.b.subarray(0,n));
},
c:function(h){
var o=[],n=0,k=h[2];
$v.f.seek(h[1]*$v.b.length);
while(k-->0&&(n=$v.f.readinto($v.b)))o.push($v.C($v.b.subarray(0,n)));
return o;
},
d:function(h){$v.V().utime(h[1],[h[2],h[2]]);},
w:function(h){$v.z();$v.f=$v.V().open(h[1],'wb');$v.t=h[1];$v.p=0;},
u:function(h,d){
if(h[1]<$v.p)return;
if(h[1]>$v.p)throw {message:'a piece is missing'};
d=$v.D(h[2],d);$v.f.write(d);$v.p+=d.length;
},
e:function(h){
var f=$v.f,v=$v.V();$v.f=0;f.close();
if(h[2]>=0){try{v.utime($v.t,[h[2],h[2]]);}catch(e4){if(e4.code!=='EOPNOTSUPP')throw e4;}}
v.rename($v.t,h[1]);$v.t=0;
},
s:function(h,d){
var s=$v.T(),o;
d=$v.D(h[4],d);
if(h[2]){o=s.read(h[1],h[2],d.length);if(o!==undefined&&$v.C(o)===$v.C(d))return 1;}
return s.write(h[1],d,h[2],h[3])?1:0;
},
k:function(h){var d=$v.T().read(h[1]);return d===undefined?null:[d.length,$v.C(d)];},
j:function(h,d){return $v.E(d);},
g:function(h,d){$v.x=(h[1]?$v.x:'')+d;},`;

/** With what Espruino has natively. Strings are bytes there. Storage is asked for past the `require` of the VFS, whose parts may be missing. */
const ESPRUINO = `global.$v={${SHARED}
P:function(t){print(t);},
T:function(){var r=global.require,s;delete global.require;s=require('Storage');if(r!==global.require)global.require=r;return s;},
C:function(d){return E.CRC32(d);},
J:function(x){return JSON.stringify(x);},
E:function(d){return eval(d);},
D:function(c,d){return E.toUint8Array(c?d:atob(d));},
B:function(d){var s=E.toString(d)||'',j=JSON.stringify(s);return j.length<d.length*1.3?s:[btoa(s)];}
};`;

/** For any other. */
const ANY = `var $v={${SHARED}
T:function(){return require('Storage');},
P:function(t){if(typeof print==='function')print(t);else console.log(t);},
A:'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
K:(function(){var t=[],i,c,k;for(i=0;i<16;i++){c=i;for(k=0;k<4;k++)c=c&1?c>>>1^0xedb88320:c>>>1;t.push(c>>>0);}return t;})(),
C:function(d){
var c=-1,i,b,t=typeof d==='string',k=$v.K;
for(i=0;i<d.length;i++){b=t?d.charCodeAt(i)&255:d[i];c=k[(c^b)&15]^c>>>4;c=k[(c^b>>4)&15]^c>>>4;}
return ~c>>>0;
},
J:function(x){
var s=JSON.stringify(x),o='',i,k=0,c;
for(i=0;i<s.length;i++){c=s.charCodeAt(i);if(c>126){o+=s.substring(k,i)+'\\\\u'+('000'+c.toString(16)).slice(-4);k=i+1;}}
return o+s.substring(k);
},
E:function(d){return (0,eval)(d);},
D:function(c,d){
var n=d.length,u,i,j=0,o=0,b=0;
if(c){u=new Uint8Array(n);for(i=0;i<n;i++)u[i]=d.charCodeAt(i);return u;}
while(n&&d.charAt(n-1)==='=')n--;
u=new Uint8Array(n*3>>2);
for(i=0;i<n;i++){b=(b<<6|$v.A.indexOf(d.charAt(i)))&65535;o+=6;if(o>=8){o-=8;u[j++]=b>>o;}}
return u;
},
B:function(d){
var s='',i,b=0,o=0;
for(i=0;i<d.length;i++){b=(b<<8|d[i])&65535;o+=8;while(o>=6){o-=6;s+=$v.A.charAt(b>>o&63);}}
if(o)s+=$v.A.charAt(b<<6-o&63);
return [s];
}
};`;

/** Asks a console what it is: prints JSON of whether it is Espruino, version, board, free bytes, whether `$v` is there. One line. */
export const PROBE =
  "(typeof print==='function'?print:console.log)('<'+'~?'+JSON.stringify(typeof E!=='undefined'&&E.CRC32?[1,process.env.VERSION,process.env.BOARD,process.memory().free*(process.memory().blocksize||14)]:[0])+'~>')";

const oneLine = (source: string): string => source.replace(/\n/g, '');

/** The object, as a script of one line. */
function deviceSource(espruino: boolean): string {
  return oneLine(espruino ? ESPRUINO : ANY);
}

/** A sum that a line of any engine can make. */
function textSum(text: string): number {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum = (sum * 31 + text.charCodeAt(i)) % 16777213;
  return sum;
}

/** The line that puts it there, if it has arrived whole; a frame with number 0 says so. */
export function installing(espruino: boolean): string {
  const source = deviceSource(espruino);
  const run = espruino ? 'eval(t)' : '(0,eval)(t)';
  // What an earlier session has left open is closed first.
  const left = `typeof $v==='object'&&$v&&$v.z&&$v.z()`;
  const sum = espruino ? crcOfText(source) : textSum(source);
  const summed = espruino ? 'E.CRC32(t)' : '(function(s,i){for(i=0;i<t.length;i++)s=(s*31+t.charCodeAt(i))%16777213;return s})(0)';
  return `(function(t){if(${summed}===${sum}){${left};${run};$v.O(0,'')}else (typeof print==='function'?print:console.log)('<'+'~0:1:0=?~>')})(${literal(source)})`;
}
