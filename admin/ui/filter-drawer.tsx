import { Button, Drawer, DrawerContent, DrawerFooter, Icon } from '@adminjs/design-system';
import {
  BasePropertyComponent,
  type ResourceJSON,
  useFilterDrawer,
  useQueryParams,
  useTranslation,
} from 'adminjs';
import React, { useEffect, useState } from 'react';

type Filters = Record<string, unknown>;

/** What is set: an empty field asks for nothing. */
function set(filters: Filters): Filters {
  return Object.fromEntries(
    Object.entries(filters).filter(([, value]) => value !== undefined && value !== ''),
  );
}

/** The filter of a list, at the side; the address of the page keeps it, so that a filtered list can be shared. */
const FilterDrawer: React.FC<{ resource: ResourceJSON }> = ({ resource }) => {
  const { translateButton, translateLabel } = useTranslation();
  const { isVisible, close } = useFilterDrawer();
  const { storeParams, clearParams, filters } = useQueryParams();
  const [typed, setTyped] = useState<Filters>({});
  const kept = JSON.stringify(filters ?? {});

  // biome-ignore lint/correctness/useExhaustiveDependencies: another list starts anew, even with the same filters
  useEffect(() => setTyped(JSON.parse(kept)), [kept, resource.id]);
  useEffect(() => {
    if (!isVisible) return undefined;
    const leave = ({ key }: KeyboardEvent) => key === 'Escape' && close();
    window.addEventListener('keydown', leave);
    return () => window.removeEventListener('keydown', leave);
  });

  function apply(event: React.FormEvent) {
    event.preventDefault();
    storeParams({ filters: set(typed), page: '1' });
  }
  function reset() {
    setTyped({});
    clearParams('filters');
  }

  const title = translateLabel('filters', resource.id);
  return (
    <Drawer
      variant="filter"
      isHidden={!isVisible}
      // What is off the screen is not to be reached by the tab key either.
      style={isVisible ? undefined : { visibility: 'hidden' }}
      as="form"
      aria-label={title}
      onSubmit={apply}
      data-css={`${resource.id}-filter-drawer`}
    >
      <DrawerContent>
        <div className="cad-page__head">
          <h2 className="cad-title">{title}</h2>
          <button type="button" className="cad-icon" aria-label="Close the filter" onClick={close}>
            <Icon icon="X" size={18} />
          </button>
        </div>
        {resource.filterProperties.map((property) => (
          <BasePropertyComponent
            key={property.propertyPath}
            where="filter"
            property={property}
            resource={resource}
            filter={typed}
            onChange={(name, value) => setTyped((before) => ({ ...before, [String(name)]: value }))}
          />
        ))}
      </DrawerContent>
      <DrawerFooter>
        <Button type="button" variant="light" onClick={reset}>
          {translateButton('resetFilter', resource.id)}
        </Button>
        <Button type="submit" variant="contained">
          {translateButton('applyChanges', resource.id)}
        </Button>
      </DrawerFooter>
    </Drawer>
  );
};

export default FilterDrawer;
