/** QuickJS without the variants of it that `quickjs-emscripten` brings for others. */
import variant from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant, type QuickJSWASMModule } from 'quickjs-emscripten-core';

export const getQuickJS = (): Promise<QuickJSWASMModule> => newQuickJSWASMModuleFromVariant(variant);
