import {
  Arg,
  Ctx,
  Field,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql';
import type { LayoutCommands } from '../../commands/layouts.ts';
import { DomainError } from '../../domain/errors.ts';
import type { LayoutContent, LayoutParts } from '../../domain/layout/content.ts';
import type { LayoutState } from '../../domain/layout/layout.ts';
import { fallbackLocale } from '../../domain/template/content.ts';
import { type ApiContext, commandContext } from '../context.ts';
import { given } from '../given.ts';
import { allow } from '../principal.ts';
import { TemplateStatusEnum } from '../vocabulary.ts';
import { inCallersWords } from './content.ts';

@ObjectType('LayoutTexts', { simpleResolvers: true })
@InputType('LayoutTextsInput')
class LayoutTexts {
  @Field(() => String, { nullable: true })
  html?: string;

  @Field(() => String, { nullable: true, description: 'With its `<mjml>`.' })
  mjml?: string;

  @Field(() => String)
  text!: string;
}

@InputType('LayoutTranslationInput')
@ObjectType('LayoutTranslation', { simpleResolvers: true })
export class LayoutTranslation extends LayoutTexts {
  @Field(() => String, { description: 'BCP 47.' })
  locale!: string;
}

@InputType({
  description:
    'What stands around emails: HTML or MJML, and text, each with one slot `{{{content}}}`.',
})
export class LayoutInput extends LayoutTexts {
  @Field(() => String, { nullable: true, description: 'BCP 47; `en` when absent.' })
  defaultLocale?: string | null;

  @Field(() => [LayoutTranslation], { defaultValue: [] })
  translations!: readonly LayoutTranslation[];

  @Field(() => String, {
    nullable: true,
    description: 'What `{{postalAddress}}` stands for in templates that bring none.',
  })
  postalAddress?: string | null;
}

@ObjectType({ simpleResolvers: true, description: 'It never changes once published.' })
export class LayoutVersion extends LayoutTexts {
  @Field(() => Int)
  version!: number;

  @Field(() => String)
  defaultLocale!: string;

  @Field(() => [LayoutTranslation])
  translations!: readonly LayoutTranslation[];

  @Field(() => String, { nullable: true })
  postalAddress?: string;
}

@ObjectType({ simpleResolvers: true })
export class Layout {
  @Field(() => String)
  name!: string;

  @Field(() => TemplateStatusEnum)
  status!: 'live' | 'archived';

  @Field(() => [LayoutVersion], { description: 'Oldest first; templates take the newest.' })
  versions!: readonly LayoutVersion[];
}

@ObjectType({ simpleResolvers: true, description: 'The layout as it is now.' })
export class LayoutChange {
  @Field(() => Layout)
  layout!: Layout;

  @Field(() => String, { nullable: true, description: 'Absent when it was so already.' })
  cursor?: string;
}

@Resolver()
export class LayoutResolver {
  @Query(() => Layout, { nullable: true, description: 'Roles: service.' })
  async layout(
    @Arg('name', () => String) name: string,
    @Ctx() context: ApiContext,
  ): Promise<Layout | null> {
    allow(context.identity, 'service');
    const found = await context.ports.layouts.byName(name);
    return found ? layoutOf(found.state) : null;
  }

  @Query(() => [Layout], { description: 'By name, at most 100. Roles: service.' })
  async layouts(@Ctx() context: ApiContext): Promise<readonly Layout[]> {
    allow(context.identity, 'service');
    return (await context.ports.layouts.all()).map(({ state }) => layoutOf(state));
  }

  @Mutation(() => LayoutChange, {
    description:
      'The next version; templates that are published from now on take it. Roles: service.',
  })
  publishLayout(
    @Arg('name', () => String) name: string,
    @Arg('content', () => LayoutInput) content: LayoutInput,
    @Ctx() context: ApiContext,
  ): Promise<LayoutChange> {
    return change(context, (commands, by) => commands.publish(name, contentOf(content), by));
  }

  @Mutation(() => LayoutChange, {
    description: 'No template can be published with it any more. Roles: service.',
  })
  archiveLayout(
    @Arg('name', () => String) name: string,
    @Arg('why', () => String, { nullable: true }) why: string | null | undefined,
    @Ctx() context: ApiContext,
  ): Promise<LayoutChange> {
    return change(context, (commands, by) => commands.archive(name, why ?? 'archived', by));
  }
}

const change = async (
  context: ApiContext,
  command: (
    commands: LayoutCommands,
    by: ReturnType<typeof commandContext>,
  ) => ReturnType<LayoutCommands['publish']>,
): Promise<LayoutChange> => {
  const principal = allow(context.identity, 'service');
  try {
    const by = commandContext(principal, context);
    const { layout, cursor } = await command(context.ports.layoutCommands, by);
    return { layout: layoutOf(layout), ...(cursor === undefined ? {} : { cursor }) };
  } catch (error) {
    throw inCallersWords(error);
  }
};

const contentOf = (input: LayoutInput): LayoutContent => {
  const { defaultLocale, postalAddress } = given(input);
  const locales = Object.fromEntries(
    input.translations.map(({ locale, ...texts }) => [locale, textsOf(texts)]),
  );
  const named = Object.keys(locales).length;
  if (named !== input.translations.length) {
    throw new DomainError('BAD_INPUT', 'translations names a locale twice', 'translations');
  }
  return {
    ...textsOf(input),
    ...(defaultLocale === undefined ? {} : { defaultLocale }),
    ...(named > 0 ? { locales } : {}),
    ...(postalAddress === undefined ? {} : { postalAddress }),
  };
};

const textsOf = ({ html, mjml, text }: LayoutTexts): LayoutParts =>
  given({ html, mjml, text }) as LayoutParts;

const layoutOf = ({
  name,
  status,
  versions,
}: Exclude<LayoutState, { status: 'none' }>): Layout => ({
  name,
  status,
  versions: versions.map(({ locales = {}, ...content }, index) => ({
    ...content,
    version: index + 1,
    defaultLocale: content.defaultLocale ?? fallbackLocale,
    translations: Object.entries(locales).map(([locale, texts]) => ({ locale, ...texts })),
  })),
});
