import type { Factory, Tenant } from '../factory/factory.js';

export interface TenantMatch {
  /** Source tenants with their counterparts. */
  readonly images: readonly { readonly source: Tenant; readonly destination: Tenant }[];
  /** Source tenants that the destination lacks. */
  readonly missing: readonly Tenant[];
  /** True if every tenant of the destination is the counterpart of one: then nothing of others can be touched. */
  readonly coversDestination: boolean;
}

/** Tenants match by name and user provider (trap 47); of namesakes the active one. */
export function matchTenants(source: Factory, destination: Factory): TenantMatch {
  const name = (tenant: Tenant): string => `${tenant.providerKey}*${tenant.name.trim().toLowerCase()}`;
  const there = new Map<string, Tenant>();
  for (const tenant of destination.tenants) {
    if (tenant.active || !there.has(name(tenant))) there.set(name(tenant), tenant);
  }
  const images = source.tenants.flatMap((tenant) => {
    const counterpart = there.get(name(tenant));
    return counterpart === undefined ? [] : [{ source: tenant, destination: counterpart }];
  });
  const covered = new Set(images.map((image) => image.destination.id));
  return {
    images,
    missing: source.tenants.filter((tenant) => !there.has(name(tenant))),
    coversDestination: destination.tenants.every((tenant) => covered.has(tenant.id)),
  };
}
