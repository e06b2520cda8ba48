/** Locks, for as long as something is served: clients lock what they are about to write, and some write nothing without. */
import type { Lock, Resource } from 'nephele';
import { isWithin } from '../places/tree';

export class Locks {
  private readonly locks = new Map<string, Lock[]>();

  of(path: string): Lock[] {
    return [...(this.locks.get(path) ?? [])];
  }

  /** A lock that counts when it is saved. The library fills in what it is. */
  make(resource: Resource, path: string): Lock {
    const { locks } = this;
    return {
      resource,
      token: '',
      date: new Date(),
      timeout: 0,
      scope: 'exclusive',
      depth: '0',
      provisional: true,
      owner: {},
      async save() {
        const others = (locks.get(path) ?? []).filter((one) => one !== this);
        locks.set(path, [...others, this]);
      },
      async delete() {
        const others = (locks.get(path) ?? []).filter((one) => one !== this);
        if (others.length) locks.set(path, others);
        else locks.delete(path);
      },
    };
  }

  /** What is moved takes no locks with it (RFC 4918, 7.5). */
  drop(path: string): void {
    for (const one of this.locks.keys()) if (isWithin(one, path)) this.locks.delete(one);
  }
}
