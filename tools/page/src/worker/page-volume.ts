import { VolumeTree } from '../../../places/volume';

/** A volume without what a command line would advise. */
export class PageVolume extends VolumeTree {
  protected override advice(): string {
    return '';
  }
}
