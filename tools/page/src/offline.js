/* The service worker: the page works without a network once it was loaded. The build puts the list of files and its digest here. */
const FILES = __FILES__;
const CACHE = 'microvfs-__DIGEST__';

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  const others = async () => {
    for (const name of await caches.keys()) if (name.startsWith('microvfs-') && name !== CACHE) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(others());
});

/* Names of files change with what is in them, so that what is kept is right. What is not of the first load is kept when it was used. */
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin || request.headers.has('range')) return;
  const answer = async () => {
    const cache = await caches.open(CACHE);
    const kept = await cache.match(request, { ignoreSearch: request.mode === 'navigate' });
    if (kept) return kept;
    const fresh = await fetch(request);
    if (fresh.ok && url.pathname.includes('/assets/')) await cache.put(request, fresh.clone());
    return fresh;
  };
  event.respondWith(answer());
});
