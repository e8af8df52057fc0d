// The models of the registry for tests that make them thin.
import { modelNames } from '../../src/models/zoo/registry.ts';

/** All but those that are another one in another width. */
export const differentModels: readonly string[] = modelNames.filter((name) => !/^vit-[bs]-/.test(name));
