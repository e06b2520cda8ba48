/** Espruino's ways with the scopes of functions, for the resident module of a bundle in another engine. */

/**
 * An expression that gives the module as a function of `exports` and `require`. There the scope that a function was made in is a
 * property of it, and functions that are made of text are given it: names that are put there are known to all of the module, and
 * what the module declares is found there.
 */
export function moduleExpression(resident: string): string {
  return `(function(exports,require){
var __make,__names=new Proxy({},{get:function(names,name){
return name in names||typeof name!=="string"?names[name]:__make("typeof "+name+'!=="undefined"?'+name+":undefined")}}),__all=(function(){}).constructor.prototype;
var Function=function(){var given=[].slice.call(arguments),body=given.pop();return __make("(function("+given.join()+"){"+body+"})")};
__all["\\xffsco"]=__names;
try{with(__names){(function(exports,require){__make=function(__text){return eval(__text)};${resident}
})(exports,require)}}finally{delete __all["\\xffsco"]}
})`;
}
