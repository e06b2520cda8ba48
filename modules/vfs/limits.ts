/** How much there may be, `vfs.fd.limits`: files that are open by number, and prefixes that are registered. ESP-IDF's numbers. */
export const limits: { fds: number; prefixes: number } = { fds: 64, prefixes: 8 };
